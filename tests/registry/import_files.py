"""A small file of facilities as a person sends it, one with a fault, and the mapping of both."""

MAPPING = """
kind = "facilities"
[identifier]
system = "test"
column = "code"
[fields]
name_en = "name"
type = { constant = "clinic" }
area = "area"
beds = "beds"
"""
GOOD = b"code,name,area,beds\n1,Sokha,12,4\n2,Calmette,12,\n"
BAD = b"code,name,area,beds\n1,=Sokha,12,many\n2,Calmette,12,3\n"
