-- From how many people on whom a host refuses at a time this tells of the host, and not of a person.
create macro rules.outage_people() as 4
