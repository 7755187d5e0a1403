"""Two who do not trust each other flip a coin; a cheater wins at most 3/4 of the time"""

requires = "netqasm"
stage = "quantum memory"
source = "Ambainis, J. Comput. Syst. Sci. 68, 398 (2004)"
times = 200
