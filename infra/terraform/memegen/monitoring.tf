locals {
  # The log lines of the functions that make memes. functions/cloud/processing.py and sweep.py write the messages.
  logs_of_all    = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=(\"${var.name}-on-upload\" OR \"${var.name}-sweep\" OR \"${var.name}-api\")"
  logs_of_makers = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=(\"${var.name}-on-upload\" OR \"${var.name}-sweep\")"
  logs_of_sweep  = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.name}-sweep\""
  logs_of_stop   = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.name}-stop\""

  # The canary's photos count as nobody's.
  log_filters = {
    errors  = "${local.logs_of_all} AND severity>=ERROR AND NOT jsonPayload.message=\"upload gave-up\""
    gave-up = "${local.logs_of_makers} AND jsonPayload.message=\"upload gave-up\""
    failed  = "${local.logs_of_makers} AND jsonPayload.message=\"upload failed\" AND NOT jsonPayload.canary=true"
    done    = "${local.logs_of_makers} AND jsonPayload.message=\"upload done\" AND NOT jsonPayload.canary=true"
    swept   = "${local.logs_of_sweep} AND jsonPayload.message=\"sweep done\" AND jsonPayload.found>0"
  }
  channels = google_monitoring_notification_channel.email[*].id
  slow_ms  = 15000

  requests     = "metric.type=\"run.googleapis.com/request_count\" resource.type=\"cloud_run_revision\""
  all_services = "resource.label.service_name=monitoring.regex.full_match(\"${var.name}-(api|on-upload|sweep)\")"
  # Eventarc names the subscription of a function's trigger so: the trigger's name is the function's and six digits.
  subscription  = "resource.label.subscription_id=monitoring.regex.full_match(\"eventarc-${var.region}-${var.name}-on-upload-[0-9]+-sub-[0-9]+\")"
  sent_a_second = floor(var.sent_gib_an_hour * 1073741824 / 3600)
  sent_buckets  = "resource.label.bucket_name=one_of(\"${local.buckets.memes}\", \"${local.buckets.site}\")"

  ended_well = "metric.label.response_code_class=\"2xx\""

  # These alerts match single log lines, because each of these lines is a reason to look. All others look at the platform's
  # own metrics over minutes, so that an error which the next try heals wakes nobody. What request_count doesn't hold is a
  # request that reached no instance: 403 after a lost permission, 429 when all instances are busy. For on_upload these show
  # as events that wait, for the api and the page as a failed uptime check.
  alerts = merge(
    {
      swept   = { title = "uploads swept", log = local.log_filters.swept }
      gave-up = { title = "photos given up", log = local.log_filters.gave-up }
      no-sweep = {
        title  = "no sweep"
        absent = { filter = "${local.requests} resource.label.service_name=\"${var.name}-sweep\" ${local.ended_well}", duration = "3600s" }
      }
      backlog = {
        title = "events wait"
        above = {
          filter    = "metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" resource.type=\"pubsub_subscription\" ${local.subscription}"
          aligner   = "ALIGN_MAX", reducer = "REDUCE_MAX", group_by = []
          threshold = 900, duration = "300s"
        }
      }
      errors = {
        title = "errors"
        above = {
          filter    = "${local.requests} ${local.all_services} metric.label.response_code_class=\"5xx\""
          aligner   = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = ["resource.label.service_name"]
          threshold = 5, duration = "300s"
        }
      }
      busy = {
        title = "requests refused"
        above = {
          filter    = "${local.requests} ${local.all_services} metric.label.response_code=\"429\""
          aligner   = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = ["resource.label.service_name"]
          threshold = 100, duration = "300s"
        }
      }
      slow = {
        title = "slow memes"
        above = {
          filter    = "metric.type=\"run.googleapis.com/request_latencies\" resource.type=\"cloud_run_revision\" resource.label.service_name=\"${var.name}-on-upload\""
          aligner   = "ALIGN_PERCENTILE_95", reducer = "REDUCE_MAX", group_by = []
          threshold = local.slow_ms, duration = "300s"
        }
      }
      sent = {
        title = "much is sent"
        above = {
          filter    = "metric.type=\"storage.googleapis.com/network/sent_bytes_count\" resource.type=\"gcs_bucket\" ${local.sent_buckets}"
          aligner   = "ALIGN_RATE", reducer = "REDUCE_SUM", group_by = []
          threshold = local.sent_a_second, duration = "0s"
        }
      }
    },
    # What the CDN sends leaves no bucket, so the load balancer is asked for it.
    var.domain == null ? {} : {
      sent-domain = {
        title = "much is sent by the domain"
        above = {
          filter    = "metric.type=\"loadbalancing.googleapis.com/https/response_bytes_count\" resource.type=\"https_lb_rule\" resource.label.forwarding_rule_name=\"${var.name}-https\""
          aligner   = "ALIGN_RATE", reducer = "REDUCE_SUM", group_by = []
          threshold = local.sent_a_second, duration = "0s"
        }
      }
    },
    !var.kill_switch ? {} : {
      stopped = { title = "api stopped", log = "${local.logs_of_stop} AND jsonPayload.message=\"api stopped\"" }
    },
    !var.canary ? {} : {
      canary = {
        title  = "canary failed"
        absent = { filter = "${local.requests} resource.label.service_name=\"${var.name}-canary\" ${local.ended_well}", duration = "2700s" }
      }
    },
    {
      for key, check in google_monitoring_uptime_check_config.check : "uptime-${key}" => {
        title = "${key} is down"
        above = {
          filter    = "metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" resource.type=\"uptime_url\" metric.label.check_id=\"${check.uptime_check_id}\""
          aligner   = "ALIGN_NEXT_OLDER", reducer = "REDUCE_COUNT_FALSE", group_by = []
          threshold = 1, duration = "300s"
        }
      }
    },
  )
  # Each alert's e-mail says what to do, in the words of alerts/<key>.md. Some share a text.
  texts = { uptime-api = "uptime", uptime-page = "uptime", sent-domain = "sent" }
  what_to_do = {
    for key in keys(local.alerts) : key => templatefile("${path.module}/alerts/${lookup(local.texts, key, key)}.md", {
      name             = var.name
      slow_ms          = local.slow_ms
      sent_gib         = var.sent_gib_an_hour
      photo_mib        = local.contract.limits.photo_bytes / 1048576
      photo_megapixels = local.contract.limits.photo_pixels / 1000000
    })
  }
  # Where everybody may go. A check asks from several regions, so that one region's trouble is not taken for ours.
  checked = !var.public ? {} : {
    api  = { host = trimprefix(local.api_url, "https://"), path = "/health" }
    page = { host = trimprefix(local.page_origin, "https://"), path = "/index.html" }
  }
}

resource "google_monitoring_uptime_check_config" "check" {
  for_each = local.checked

  project      = var.project_id
  display_name = "${var.name} ${each.key}"
  timeout      = "10s"
  period       = "300s"

  http_check {
    path         = each.value.path
    port         = 443
    use_ssl      = true
    validate_ssl = true
  }
  monitored_resource {
    type   = "uptime_url"
    labels = { project_id = var.project_id, host = each.value.host }
  }
  # An alert that looks at the check keeps it from being deleted.
  lifecycle {
    create_before_destroy = true
  }

  depends_on = [time_sleep.apis]
}

resource "google_logging_metric" "count" {
  for_each = { for key in ["errors", "gave-up", "failed", "done", "swept"] : key => local.log_filters[key] }

  project     = var.project_id
  name        = "${var.name}/${each.key}"
  description = "Log lines of ${var.name}: ${each.key}"
  filter      = each.value

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"
  }

  depends_on = [time_sleep.apis]
}

resource "google_logging_metric" "duration" {
  project         = var.project_id
  name            = "${var.name}/duration"
  description     = "Milliseconds from an upload's event to its report"
  filter          = local.log_filters.done
  value_extractor = "EXTRACT(jsonPayload.total_ms)"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = "ms"
  }
  bucket_options {
    exponential_buckets {
      num_finite_buckets = 24
      growth_factor      = 1.5
      scale              = 50
    }
  }

  depends_on = [time_sleep.apis]
}

resource "google_monitoring_notification_channel" "email" {
  count = var.notify_email == null ? 0 : 1

  project      = var.project_id
  display_name = "${var.name} alerts"
  type         = "email"
  labels       = { email_address = var.notify_email }

  depends_on = [time_sleep.apis]
}

resource "google_monitoring_alert_policy" "alert" {
  for_each = local.alerts

  project               = var.project_id
  display_name          = "${var.name}: ${each.value.title}"
  combiner              = "OR"
  notification_channels = local.channels

  conditions {
    display_name = each.value.title

    dynamic "condition_matched_log" {
      for_each = compact([try(each.value.log, null)])
      content {
        filter = condition_matched_log.value
      }
    }
    dynamic "condition_absent" {
      for_each = [for part in [lookup(each.value, "absent", null)] : part if contains(keys(each.value), "absent")]
      content {
        filter   = condition_absent.value.filter
        duration = condition_absent.value.duration

        aggregations {
          alignment_period     = "600s"
          per_series_aligner   = "ALIGN_DELTA"
          cross_series_reducer = "REDUCE_SUM"
        }
      }
    }
    dynamic "condition_threshold" {
      for_each = [for part in [lookup(each.value, "above", null)] : part if contains(keys(each.value), "above")]
      content {
        filter          = condition_threshold.value.filter
        comparison      = "COMPARISON_GT"
        threshold_value = condition_threshold.value.threshold
        duration        = condition_threshold.value.duration

        aggregations {
          alignment_period     = "300s"
          per_series_aligner   = condition_threshold.value.aligner
          cross_series_reducer = condition_threshold.value.reducer
          group_by_fields      = condition_threshold.value.group_by
        }
      }
    }
  }
  alert_strategy {
    auto_close = "86400s"

    # Only an alert on log lines has, and needs, a limit.
    dynamic "notification_rate_limit" {
      for_each = compact([try(each.value.log, null)])
      content {
        period = "3600s"
      }
    }
  }
  documentation {
    content   = "${local.what_to_do[each.key]}\nThe repository's docs/runbook.md has more.\n"
    mime_type = "text/markdown"
  }

  # The platform's metrics of a service exist once there is the service.
  depends_on = [
    google_cloud_scheduler_job.job,
    google_cloudfunctions2_function.function,
    google_compute_global_forwarding_rule.https,
    time_sleep.apis,
  ]
}

# A request log holds the path. Everybody who reads /memes/<id> there could see and delete the meme, so only paths without
# an id are kept. The functions' own lines never hold an id.
resource "google_logging_project_exclusion" "meme_ids" {
  project     = var.project_id
  name        = "${var.name}-meme-ids"
  description = "The api's requests whose path may hold a meme's id"
  filter      = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.name}-api\" AND httpRequest.requestUrl:* AND NOT httpRequest.requestUrl=~\"^https?://[^/]+/(health|uploads)$\""

  depends_on = [time_sleep.apis]
}

resource "google_monitoring_dashboard" "memegen" {
  project = var.project_id
  dashboard_json = jsonencode({
    displayName = var.name
    gridLayout = {
      columns = "2"
      widgets = [
        for chart in [
          { title = "Memes made", metric = "logging.googleapis.com/user/${var.name}/done", aligner = "ALIGN_SUM" },
          { title = "Milliseconds a meme, 95th percentile", metric = "logging.googleapis.com/user/${var.name}/duration", aligner = "ALIGN_PERCENTILE_95" },
          { title = "Photos refused", metric = "logging.googleapis.com/user/${var.name}/failed", aligner = "ALIGN_SUM" },
          { title = "Photos given up", metric = "logging.googleapis.com/user/${var.name}/gave-up", aligner = "ALIGN_SUM" },
          { title = "Sweeps that found uploads", metric = "logging.googleapis.com/user/${var.name}/swept", aligner = "ALIGN_SUM" },
          { title = "Errors", metric = "logging.googleapis.com/user/${var.name}/errors", aligner = "ALIGN_SUM" },
          { title = "Instances", metric = "run.googleapis.com/container/instance_count", aligner = "ALIGN_MAX" },
          { title = "Memory used, 99th percentile", metric = "run.googleapis.com/container/memory/utilizations", aligner = "ALIGN_PERCENTILE_99" },
          { title = "Requests", metric = "run.googleapis.com/request_count", aligner = "ALIGN_SUM" },
          ] : {
          title = chart.title
          xyChart = {
            dataSets = [{
              plotType = "LINE"
              timeSeriesQuery = {
                timeSeriesFilter = {
                  filter = "metric.type=\"${chart.metric}\" resource.type=\"cloud_run_revision\" resource.label.service_name=monitoring.regex.full_match(\"${var.name}-(api|on-upload|sweep)\")"
                  aggregation = {
                    alignmentPeriod  = "300s"
                    perSeriesAligner = chart.aligner
                  }
                }
              }
            }]
          }
        }
      ]
    }
  })

  depends_on = [time_sleep.apis]
}

resource "google_billing_budget" "month" {
  count = var.monthly_budget == null ? 0 : 1

  billing_account = var.billing_account
  display_name    = "${var.name} in ${var.project_id}"

  budget_filter {
    projects = ["projects/${data.google_project.this.number}"]
  }
  amount {
    specified_amount {
      units = tostring(var.monthly_budget)
    }
  }
  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1]
    content {
      threshold_percent = threshold_rules.value
    }
  }
  dynamic "all_updates_rule" {
    for_each = var.notify_email == null && !var.kill_switch ? [] : [local.channels]
    content {
      monitoring_notification_channels = all_updates_rule.value
      pubsub_topic                     = one(google_pubsub_topic.budget[*].id)
      schema_version                   = "1.0"
    }
  }

  depends_on = [google_pubsub_topic_iam_member.billing_publishes]
}
