"""``python -m qcisim.squidasm script.py args...``: run a SquidASM program as it is."""

from qcisim.squidasm.runner import main

if __name__ == "__main__":
    main()
