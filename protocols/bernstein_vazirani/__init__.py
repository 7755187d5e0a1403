"""Three processors find the secret of a fourth with one question (Bernstein and Vazirani)"""

requires = "netqasm"
stage = "few-qubit fault tolerant"
source = "Bernstein, Vazirani, SIAM J. Comput. 26, 1411 (1997); non-local gates: Eisert et al., PRA 62, 052317 (2000)"
times = 100
