"""``python -m qcisim`` is the `qcisim` command."""

from qcisim.cli import main

if __name__ == "__main__":
    main()
