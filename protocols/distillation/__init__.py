"""Two or more noisy pairs become one better pair, if the ends find equal bits"""

requires = "netqasm"
stage = "quantum memory"
source = "Deutsch, Ekert, Jozsa, Macchiavello, Popescu, Sanpera, Phys. Rev. Lett. 77, 2818 (1996)"
times = 100
