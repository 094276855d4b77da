"""How fast Raytrail is, beside its peers, on this machine and in the same minutes.

`python -m bench` lists what can be measured; `docs/performance.md` says how.
"""
