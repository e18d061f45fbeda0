"""Outgoing mail: how an email looks on the wire, and the outbox that keeps it until a mail server took it."""
