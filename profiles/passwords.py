"""What a new password has to be. Django's rules, in words that say what to do."""

from django.contrib.auth import password_validation


class Length(password_validation.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return f"Use at least {self.min_length} characters"


class Uncommon(password_validation.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return "Many people use this password. Choose one that's harder to guess."


class NotOnlyNumbers(password_validation.NumericPasswordValidator):
    def get_error_message(self) -> str:
        return "Use letters as well as numbers"


class UnlikeThePerson(password_validation.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return "Choose a password that isn't like your name or email address"
