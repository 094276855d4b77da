"""Explains one request: who sent it, with which login, and which part of its way answered it."""
