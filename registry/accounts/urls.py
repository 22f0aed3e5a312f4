from django.urls import path

from registry.accounts import views

urlpatterns = [
    path("login/", views.sign_in, name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("password/", views.change_password, name="password-change"),
    path("account/token/", views.api_token, name="api-token"),
    path("people/", views.UserList.as_view(), name="user-list"),
    path("people/new-account/", views.user_create, name="user-create"),
    path("people/of/<str:username>/", views.user_detail, name="user-detail"),
    path("people/of/<str:username>/change/", views.user_edit, name="user-edit"),
    path("people/of/<str:username>/close/", views.user_close, name="user-close"),
    path("people/of/<str:username>/reopen/", views.user_reopen, name="user-reopen"),
    path("people/of/<str:username>/new-password/", views.user_password, name="user-password"),
]
