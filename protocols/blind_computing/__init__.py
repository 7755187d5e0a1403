"""A server computes on qubits that tell it nothing, and traps catch it if it cheats"""

requires = "netqasm"
stage = "quantum memory"
source = "Broadbent, Fitzsimons, Kashefi, FOCS 2009; traps: Fitzsimons, Kashefi, Phys. Rev. A 96, 012303 (2017)"
times = 150
