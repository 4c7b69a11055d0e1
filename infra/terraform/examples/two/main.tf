# Two installations in one project: one that is open to everybody, and one for a team, with other sizes and terms. Each has
# names, accounts and grants of its own, so either can be destroyed without touching the other.

terraform {
  required_version = ">= 1.9"

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

variable "project_id" {
  type        = string
  description = "The project that holds both."
}

provider "google" {
  project = var.project_id
}

module "public" {
  source = "../../memegen"

  project_id = var.project_id
  labels     = { installation = "public" }
}

module "team" {
  source = "../../memegen"

  project_id    = var.project_id
  name          = "team"
  public        = false
  memory        = "2Gi"
  min_instances = 1
  max_instances = 3
  photo_days    = 2
  meme_days     = 30
  uploaders     = ["group:team@example.com"]
  readers       = ["group:team@example.com"]
  labels        = { installation = "team" }
}

output "page" {
  value = module.public.page_url
}

output "team_uploads" {
  value = module.team.uploads_bucket
}
