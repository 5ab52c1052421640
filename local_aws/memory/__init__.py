"""The memory of the embedded AWS: the records of all services, in one database file below the state folder."""
