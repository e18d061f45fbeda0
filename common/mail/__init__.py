"""Email, from its template to the mail server.

A Letter is what an email says (`letters`): one template, found by name, gives its subject, HTML and text. The outbox
(`outbox`) keeps it in the database as a row of `Mail` until a mail server took it, and an Email (`message`) is how it
looks on the wire.

To add an email, write a template that extends `mail/base.html`, and post what `letter` makes of it.
"""
