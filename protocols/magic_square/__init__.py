"""A game that players with two pairs always win, and no classical players can (Mermin and Peres)"""

requires = "netqasm"
stage = "quantum memory"
source = (
    "Mermin, Phys. Rev. Lett. 65, 3373 (1990); Peres, Phys. Lett. A 151, 107 (1990); game: Aravind, quant-ph/0206070"
)
times = 150
