"""Three parties share a key from GHZ states"""

requires = "netqasm"
stage = "quantum memory"
source = "Grasselli, Kampermann, Bruss, New J. Phys. 20, 113014 (2018); Epping et al., New J. Phys. 19, 093012 (2017)"
times = 150
