locals {
  # A bucket's name must be unique in the world, so it holds the project's ID. It has no dots, because the certificate of
  # *.storage.googleapis.com covers only one part in front.
  buckets     = { for purpose in ["uploads", "memes", "site", "source"] : purpose => "${var.name}-${var.project_id}-${purpose}" }
  bucket_urls = { for purpose, name in local.buckets : purpose => "https://${name}.storage.googleapis.com" }

  # In what the two buckets with people's pictures differ: for how long they keep them, and what the page may do.
  pictures = {
    # A browser may send only the headers that this list names, so it holds all that the api signs.
    uploads = { days = var.photo_days, methods = ["PUT"], headers = local.contract.signed_upload.headers }
    memes   = { days = var.meme_days, methods = ["GET", "HEAD"], headers = ["Content-Type", "Content-Disposition"] }
  }
  # Shared copies of memes, whose custom time is their meme's beginning: a copy ends with its meme, and at the latest
  # when its link does. Nothing else has a custom time, not even an output of a direct upload called shared/….
  copy_terms = [
    { age = null, days_since_custom_time = var.meme_days },
    { age = local.contract.limits.share_days, days_since_custom_time = local.contract.limits.share_days },
  ]
}

resource "google_storage_bucket" "pictures" {
  #checkov:skip=CKV_GCP_78:A photo or meme that was deleted must be gone, so no version of it is kept.
  #checkov:skip=CKV_GCP_62:Access logs would keep object names, and everybody who knows one may see and delete it.
  for_each = local.pictures

  project                     = var.project_id
  name                        = local.buckets[each.key]
  location                    = var.region
  force_destroy               = var.force_destroy
  labels                      = var.labels
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  versioning {
    enabled = false
  }
  # Without this, Cloud Storage would keep what was deleted for a week.
  soft_delete_policy {
    retention_duration_seconds = 0
  }
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = each.value.days
    }
  }
  dynamic "lifecycle_rule" {
    for_each = each.key == "memes" ? local.copy_terms : []
    content {
      action {
        type = "Delete"
      }
      condition {
        matches_prefix         = ["shared/"]
        age                    = lifecycle_rule.value.age
        days_since_custom_time = lifecycle_rule.value.days_since_custom_time
      }
    }
  }
  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }
  cors {
    origin          = local.page_origins
    method          = each.value.methods
    response_header = each.value.headers
    max_age_seconds = 3600
  }

  depends_on = [time_sleep.apis]
}

resource "google_storage_bucket" "site" {
  #checkov:skip=CKV_GCP_114:The page is for everyone. No other bucket is public.
  #checkov:skip=CKV_GCP_78:The page's versions are in git.
  #checkov:skip=CKV_GCP_62:Nobody needs to know who opens the page.
  project                     = var.project_id
  name                        = local.buckets.site
  location                    = var.region
  force_destroy               = var.force_destroy
  labels                      = var.labels
  uniform_bucket_level_access = true
  public_access_prevention    = "inherited"

  # Only a load balancer uses this. On the bucket's own host, the address must end in /index.html.
  website {
    main_page_suffix = "index.html"
    not_found_page   = "index.html"
  }

  depends_on = [time_sleep.apis]
}

resource "google_storage_bucket" "source" {
  #checkov:skip=CKV_GCP_78:An archive's name holds its hash, so none is ever overwritten.
  #checkov:skip=CKV_GCP_62:Only the build reads the archives, and Cloud Build logs that.
  project                     = var.project_id
  name                        = local.buckets.source
  location                    = var.region
  force_destroy               = var.force_destroy
  labels                      = var.labels
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  depends_on = [time_sleep.apis]
}
