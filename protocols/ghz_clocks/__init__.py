"""Clocks that share a GHZ state tick as one: their common phase is read n times as steeply"""

requires = "netqasm"
stage = "few-qubit fault tolerant"
source = "Komar, Kessler, Bishof, Jiang, Sorensen, Ye, Lukin, Nature Phys. 10, 582 (2014)"
times = 200
