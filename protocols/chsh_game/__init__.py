"""Two players who may not talk win more often with pairs than any classical players can"""

requires = "netqasm"
stage = "entanglement distribution"
source = "Clauser, Horne, Shimony, Holt, Phys. Rev. Lett. 23, 880 (1969); Cirel'son, Lett. Math. Phys. 4, 93 (1980)"
times = 200
