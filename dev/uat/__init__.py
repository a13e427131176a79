"""The acceptance plan as a program; dev/uat.sh is its front.

Way in  __main__.py runs rows and tells what came out; registry.py knows the rows.
World   world.py: programs, servers, seed; a Place is the checkout of one row, with state and output
        of its own. source.py asks the databases, reading.py reads files; neither believes rivet.
Suites  suites/: one module per suite of the plan, one function per row.
"""
