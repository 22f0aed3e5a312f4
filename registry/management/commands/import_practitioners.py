from registry.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Import the register of a council from a CSV or XLSX file. All rows or none, unless --accept-valid."
    kind = "practitioners"
