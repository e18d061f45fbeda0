"""Webhooks: what happens is told to systems of clients, by the conventions of Standard Webhooks.

`events` says what there is to tell, `emitting` keeps what happened for each webhook in the transaction in which it
happens, and `sending` sends it after the commit. Source: https://www.standardwebhooks.com
"""
