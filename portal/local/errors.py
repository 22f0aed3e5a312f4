class Trouble(Exception):
    """Something the person at the keyboard has to put right, in one sentence that says how."""
