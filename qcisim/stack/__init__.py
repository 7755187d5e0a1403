"""NetQASM execution: host, QNPU, memories, link layer, classical sockets."""
