"""A CNOT between qubits of two processors, with one pair and two bits"""

requires = "netqasm"
stage = "quantum memory"
source = "Eisert, Jacobs, Papadopoulos, Plenio, Phys. Rev. A 62, 052317 (2000)"
times = 100
