locals {
  build_file = "${local.repository}/build/functions.json"
  build      = try(jsondecode(file(local.build_file)), null)
  archive    = coalesce(var.archive, try(local.build.file, null), "missing")

  function_environment = {
    GOOGLE_CLOUD_PROJECT = var.project_id # the trace in a log line needs it
    UPLOADS_BUCKET       = google_storage_bucket.pictures["uploads"].name
    MEMES_BUCKET         = google_storage_bucket.pictures["memes"].name
  }
  # Behind the load balancer, Cloud Armor counts requests for all instances together. The api couldn't count them, because
  # the last address that it sees in X-Forwarded-For is the load balancer's.
  uploads_per_minute = coalesce(var.uploads_per_minute, floor(var.requests_per_minute / 5))
  api_limit = local.behind_domain ? {} : {
    REQUESTS_PER_MINUTE = tostring(var.requests_per_minute)
    UPLOADS_PER_MINUTE  = tostring(local.uploads_per_minute)
  }

  # Switched on by variables; everything else is always there. What belongs to one of them has its key.
  optional = { stop = var.kill_switch, canary = var.canary }

  # In what the functions differ from a small one that runs once at a time and is called from inside. The key is the entry
  # point in functions/main.py; `caller` alone may call the function.
  functions = {
    for key, own in local.all_functions : key => merge({
      memory      = "512Mi", cpu = 1, at_once = 1
      least       = 0, most = 1
      ingress     = "ALLOW_INTERNAL_ONLY"
      environment = {}
      event       = null
    }, own) if lookup(local.optional, key, true)
  }
  all_functions = {
    on_upload = {
      description = "Makes a meme of a finished upload"
      memory      = var.memory, cpu = var.cpu
      least       = var.min_instances, most = var.max_instances, timeout = var.timeout_seconds
      caller      = local.members["trigger"]
      environment = local.selection
      event       = { type = "google.cloud.storage.object.v1.finalized", bucket = google_storage_bucket.pictures["uploads"].name, topic = null }
    }
    api = {
      description = "Gives the page upload URLs, states and memes"
      memory      = var.api_memory, cpu = var.api_cpu, at_once = var.api_concurrency
      least       = var.min_instances, most = var.max_instances, timeout = var.api_timeout_seconds
      ingress     = local.behind_domain ? "ALLOW_INTERNAL_AND_GCLB" : "ALLOW_ALL"
      caller      = var.public ? "allUsers" : null
      environment = merge(local.api_limit, {
        PAGE_ORIGINS    = join(",", local.page_origins)
        PAGE_URL        = local.page_url
        SIGNING_ACCOUNT = local.emails["signing"]
        THREADS         = tostring(var.api_concurrency) # functions-framework would serve only 4 at once
      })
    }
    # One run at a time, which ends before the next one begins. It begins no photo in its last two minutes.
    sweep = {
      description = "Makes memes of uploads that on_upload missed"
      memory      = var.memory, cpu = var.cpu, timeout = 540
      caller      = local.members["scheduler"]
      environment = local.selection
    }
    stop = {
      description = "Closes the api when the month's budget is spent"
      timeout     = 60
      caller      = local.members["trigger"]
      environment = { API_SERVICE = "projects/${var.project_id}/locations/${var.region}/services/${var.name}-api" }
      event       = { type = "google.cloud.pubsub.topic.v1.messagePublished", bucket = null, topic = one(google_pubsub_topic.budget[*].id) }
    }
    canary = {
      description = "Sends a drawn face the whole way"
      timeout     = 300
      caller      = local.members["scheduler"]
    }
  }
  callers = { for key, function in local.functions : key => function.caller if function.caller != null }
}

# The name holds the hash of the archive, so changed sources are a new object and the functions are deployed again.
# ABANDON leaves the older object in the bucket, so that you can roll back to it.
resource "google_storage_bucket_object" "archive" {
  count = var.archive == null ? 1 : 0

  bucket          = google_storage_bucket.source.name
  name            = local.archive
  source          = "${local.repository}/build/${local.archive}"
  content_type    = "application/zip"
  deletion_policy = "ABANDON"

  lifecycle {
    precondition {
      condition     = local.build != null && fileexists("${local.repository}/build/${local.archive}")
      error_message = "There is no archive of the functions to deploy. Make it first: make package"
    }
    precondition {
      condition     = try(local.archive == "functions-${substr(filesha256("${local.repository}/build/${local.archive}"), 0, 16)}.zip", true)
      error_message = "build/${local.archive} doesn't hold what its name says. Make it again: make package"
    }
  }
}

resource "google_artifact_registry_repository" "images" {
  #checkov:skip=CKV_GCP_84:Google's keys encrypt the images, which hold no secret.
  project       = var.project_id
  location      = var.region
  repository_id = "${var.name}-functions"
  description   = "The functions' images, as Cloud Build makes them of the archives"
  format        = "DOCKER"
  labels        = var.labels

  cleanup_policies {
    id     = "keep-recent"
    action = "KEEP"
    most_recent_versions {
      keep_count = 3
    }
  }
  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      tag_state  = "ANY"
      older_than = "2592000s"
    }
  }

  depends_on = [time_sleep.apis]
}

resource "google_artifact_registry_repository_iam_member" "build_writes_images" {
  project    = var.project_id
  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.repository_id
  role       = "roles/artifactregistry.writer"
  member     = local.members["build"]
}

resource "google_cloudfunctions2_function" "function" {
  #checkov:skip=CKV_GCP_124:The page calls the api from anywhere. With a domain, it does so only through the load balancer.
  for_each = local.functions

  project     = var.project_id
  name        = "${var.name}-${replace(each.key, "_", "-")}"
  location    = var.region
  description = each.value.description
  labels      = var.labels

  build_config {
    runtime           = "python311"
    entry_point       = each.key
    service_account   = local.account_ids["build"]
    docker_repository = google_artifact_registry_repository.images.id

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = local.archive
      }
    }
  }

  service_config {
    service_account_email            = local.emails[each.key]
    available_memory                 = each.value.memory
    available_cpu                    = tostring(each.value.cpu)
    max_instance_request_concurrency = each.value.at_once
    min_instance_count               = each.value.least
    max_instance_count               = each.value.most
    timeout_seconds                  = each.value.timeout
    ingress_settings                 = each.value.ingress
    environment_variables            = merge(local.function_environment, each.value.environment)
  }

  dynamic "event_trigger" {
    for_each = each.value.event[*]
    content {
      event_type            = event_trigger.value.type
      trigger_region        = var.region
      retry_policy          = "RETRY_POLICY_RETRY"
      service_account_email = local.emails["trigger"]
      pubsub_topic          = event_trigger.value.topic

      dynamic "event_filters" {
        for_each = event_trigger.value.bucket[*]
        content {
          attribute = "bucket"
          value     = event_filters.value
        }
      }
    }
  }

  depends_on = [google_storage_bucket_object.archive, time_sleep.grants]
}

resource "google_cloud_run_v2_service_iam_member" "caller" {
  for_each = local.callers

  project  = var.project_id
  location = var.region
  name     = google_cloudfunctions2_function.function[each.key].name
  role     = "roles/run.invoker"
  member   = each.value

  # A function that is made again has lost its bindings.
  lifecycle {
    replace_triggered_by = [google_cloudfunctions2_function.function[each.key].id]
  }
}
