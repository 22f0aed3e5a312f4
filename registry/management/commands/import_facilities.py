from registry.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Import facilities from a CSV or XLSX file through a mapping. All rows or none, unless --accept-valid."
    kind = "facilities"
