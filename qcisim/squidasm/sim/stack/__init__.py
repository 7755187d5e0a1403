"""Programs, their context, sockets and connection; the memory of applications; looking at states."""
