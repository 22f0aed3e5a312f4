from django.urls import path

from registry.outbox.views import letters, messages

urlpatterns = [
    path("messages/", messages.MessageList.as_view(), name="message-list"),
    path("messages/read/", messages.message_read_all, name="message-read-all"),
    path("messages/<int:pk>/", messages.message_detail, name="message-detail"),
    path("messages/<int:pk>/read/", messages.message_read, name="message-read"),
    path("account/letters/", messages.letter_preference, name="letter-preference"),
    path("letters/", letters.LetterList.as_view(), name="letter-list"),
    path("letters/<int:pk>/", letters.letter_detail, name="letter-detail"),
    path("letters/<int:pk>/again/", letters.letter_send_again, name="letter-send-again"),
]
