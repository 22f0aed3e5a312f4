from licensing.models.licence import Licence
from licensing.models.licence_type import LicenceType

__all__ = ["Licence", "LicenceType"]
