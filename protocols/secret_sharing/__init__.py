"""Two players together know the dealer's bit, one alone knows nothing"""

requires = "netqasm"
stage = "quantum memory"
source = "Hillery, Buzek, Berthiaume, Phys. Rev. A 59, 1829 (1999)"
times = 200
