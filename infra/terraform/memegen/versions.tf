terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.7"
    }
    time = {
      source  = "hashicorp/time"
      version = "~> 0.14"
    }
  }
}

provider "google" {
  project = var.project_id
  region  = var.region
  # Without these, a person's own credentials may not ask the Budget API anything.
  billing_project       = var.project_id
  user_project_override = true

  default_labels = merge(var.labels, { application = var.name })
}
