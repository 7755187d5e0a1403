"""What runs: programs, their context, sockets, connection."""
