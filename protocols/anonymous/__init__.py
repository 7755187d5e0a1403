"""Two of four parties share a pair, and nobody can tell which two"""

requires = "netqasm"
stage = "quantum memory"
source = "Christandl, Wehner, ASIACRYPT 2005, LNCS 3788, 217"
times = 100
