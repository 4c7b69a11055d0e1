terraform {
  required_version = ">= 1.9"

  # Exactly the versions that the tests know the schema of. The module itself allows newer ones.
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "8.7.0"
    }
    time = {
      source  = "hashicorp/time"
      version = "0.14.2"
    }
  }
}

provider "google" {
  project = var.project_id
  # Without these two, the Budget API refuses a person's own credentials.
  billing_project       = var.project_id
  user_project_override = true

  default_labels = { application = var.name }
}
