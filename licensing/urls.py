from django.urls import path

from licensing.views import certificates, invoices, licences, networks, reconciliation, steps, verification

urlpatterns = [
    path("verify/", verification.ask, name="verify-ask"),
    path("verify/offline/", verification.offline, name="verify-offline"),
    path("verify/offline/worker.js", verification.worker, name="verify-worker"),
    path("verify/<str:serial>/", verification.certificate, name="verify"),
    path(".well-known/licence-status", verification.licence_status, name="licence-status"),
    path(".well-known/licence-keys.json", verification.licence_keys, name="licence-keys"),
    path("networks/", networks.NetworkList.as_view(), name="network-list"),
    path("networks/<slug:code>/", networks.NetworkSites.as_view(), name="network-detail"),
    path("licences/", licences.LicenceList.as_view(), name="licence-list"),
    path("licences/waiting/", licences.LicenceQueue.as_view(), name="licence-queue"),
    path("facilities/<str:number>/licences/record/", licences.record, name="licence-record"),
    path("licences/signing-keys/", certificates.SigningKeyList.as_view(), name="signing-key-list"),
    path("invoices/", invoices.InvoiceList.as_view(), name="invoice-list"),
    path("invoices/reconciliation/", reconciliation.page, name="reconciliation"),
    path("invoices/<str:number>/", invoices.detail, name="invoice-detail"),
    path("invoices/<str:number>/invoice.pdf", invoices.paper, name="invoice-pdf"),
    path("invoices/<str:number>/pay/", invoices.take, {"step": invoices.PAY}, name="invoice-pay"),
    path("invoices/<str:number>/refund/", invoices.take, {"step": invoices.REFUND}, name="invoice-refund"),
    path("invoices/<str:number>/cancel/", invoices.take, {"step": invoices.CANCEL}, name="invoice-cancel"),
    path("invoices/<str:number>/issue/", invoices.take, {"step": invoices.ISSUE}, name="invoice-issue"),
    # A licence number may hold slashes, so its own page comes last.
    path("licences/<path:number>/approve/", steps.take, {"step": steps.APPROVE}, name="licence-approve"),
    path("licences/<path:number>/reject/", steps.take, {"step": steps.REJECT}, name="licence-reject"),
    path("licences/<path:number>/revoke/", steps.take, {"step": steps.REVOKE}, name="licence-revoke"),
    path("licences/<path:number>/surrender/", steps.take, {"step": steps.SURRENDER}, name="licence-surrender"),
    path("licences/<path:number>/certificate/", certificates.paper, name="licence-certificate"),
    path("licences/<path:number>/", licences.detail, name="licence-detail"),
]
