"""A qubit moves from Alice to Bob over one pair and two bits"""

requires = "netqasm"
stage = "quantum memory"
source = "Bennett, Brassard, Crepeau, Jozsa, Peres, Wootters, Phys. Rev. Lett. 70, 1895 (1993)"
times = 50
