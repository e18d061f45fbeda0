"""The API for clients' own programs: its foundation, and a module for each subject that it gives.

An operation is a function in the module of its subject: `auth=Bearer(scope)` says what a token needs for it,
`caller_of(request)` who asks, and a `Refused` what is wrong. See docs/architecture.md, "Clients' systems".
"""
