# With a domain, https://<domain> is the page and https://api.<domain> is the api, behind one load balancer with Cloud
# CDN, security headers and a rate limit. Without a domain, none of this is created.

locals {
  domain_count = var.domain == null ? 0 : 1

  security_headers = [
    "Strict-Transport-Security: max-age=31536000${var.hsts_include_subdomains ? "; includeSubDomains" : ""}",
    "X-Content-Type-Options: nosniff",
    "X-Frame-Options: DENY",
    "Content-Security-Policy: frame-ancestors 'none'",
    "Referrer-Policy: no-referrer",
    "Permissions-Policy: camera=(), geolocation=(), microphone=()",
  ]
}

resource "google_compute_global_address" "domain" {
  count = local.domain_count

  project = var.project_id
  name    = "${var.name}-domain"
  labels  = var.labels

  depends_on = [time_sleep.apis]
}

# Google creates it once the A records of both names hold the address. That can take an hour.
resource "google_compute_managed_ssl_certificate" "domain" {
  count = local.domain_count

  project = var.project_id
  # The domains can't be changed in place, and the one in use can't be deleted.
  name = "${var.name}-${substr(sha256(var.domain), 0, 8)}"
  managed {
    domains = [var.domain, "api.${var.domain}"]
  }
  lifecycle {
    create_before_destroy = true
  }

  depends_on = [time_sleep.apis]
}

resource "google_compute_ssl_policy" "domain" {
  count = local.domain_count

  project         = var.project_id
  name            = "${var.name}-tls"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"

  depends_on = [time_sleep.apis]
}

resource "google_compute_backend_bucket" "page" {
  count = local.domain_count

  project                 = var.project_id
  name                    = "${var.name}-page"
  bucket_name             = google_storage_bucket.site.name
  enable_cdn              = true
  compression_mode        = "AUTOMATIC"
  custom_response_headers = local.security_headers

  cdn_policy {
    cache_mode = "USE_ORIGIN_HEADERS"
  }

  depends_on = [time_sleep.apis]
}

resource "google_compute_region_network_endpoint_group" "api" {
  count = local.domain_count

  project               = var.project_id
  name                  = "${var.name}-api"
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = google_cloudfunctions2_function.function["api"].name
  }
}

resource "google_compute_security_policy" "api" {
  #checkov:skip=CKV_GCP_73:Log4j is Java; the functions are Python.
  count = local.domain_count

  project     = var.project_id
  name        = "${var.name}-api"
  description = "So many requests and uploads a minute from each IP address, and no more"
  labels      = var.labels

  rule {
    action   = "throttle"
    priority = 1000
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"
      rate_limit_threshold {
        count        = var.requests_per_minute
        interval_sec = 60
      }
    }
  }
  # A request that a rule lets in meets no rule after it, so uploads are counted apart from the rest. What is posted
  # elsewhere than below /memes/ is taken for one, however its path is spelled.
  rule {
    action   = "throttle"
    priority = 900
    match {
      expr {
        expression = "request.method == 'POST' && !request.path.startsWith('/memes/')"
      }
    }
    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"
      rate_limit_threshold {
        count        = local.uploads_per_minute
        interval_sec = 60
      }
    }
  }
  rule {
    action      = "allow"
    priority    = 2147483647
    description = "The rule that every policy must end with"
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }

  depends_on = [time_sleep.apis]
}

resource "google_compute_backend_service" "api" {
  count = local.domain_count

  project                 = var.project_id
  name                    = "${var.name}-api"
  load_balancing_scheme   = "EXTERNAL_MANAGED"
  protocol                = "HTTPS"
  security_policy         = google_compute_security_policy.api[0].id
  custom_response_headers = local.security_headers

  backend {
    group = google_compute_region_network_endpoint_group.api[0].id
  }
  # A request log would keep /memes/<id>, and everybody who knows the id can see and delete the meme.
  log_config {
    enable = false
  }
}

resource "google_compute_url_map" "https" {
  count = local.domain_count

  project         = var.project_id
  name            = "${var.name}-https"
  default_service = google_compute_backend_bucket.page[0].id

  host_rule {
    hosts        = ["api.${var.domain}"]
    path_matcher = "api"
  }
  path_matcher {
    name            = "api"
    default_service = google_compute_backend_service.api[0].id
  }
}

resource "google_compute_target_https_proxy" "https" {
  count = local.domain_count

  project          = var.project_id
  name             = "${var.name}-https"
  url_map          = google_compute_url_map.https[0].id
  ssl_certificates = [google_compute_managed_ssl_certificate.domain[0].id]
  ssl_policy       = google_compute_ssl_policy.domain[0].id
}

resource "google_compute_global_forwarding_rule" "https" {
  count = local.domain_count

  project               = var.project_id
  name                  = "${var.name}-https"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  labels                = var.labels
  ip_address            = google_compute_global_address.domain[0].id
  port_range            = "443"
  target                = google_compute_target_https_proxy.https[0].id
}

resource "google_compute_url_map" "redirect" {
  count = local.domain_count

  project = var.project_id
  name    = "${var.name}-redirect"

  default_url_redirect {
    https_redirect         = true
    strip_query            = false
    redirect_response_code = "MOVED_PERMANENTLY_DEFAULT"
  }

  depends_on = [time_sleep.apis]
}

resource "google_compute_target_http_proxy" "redirect" {
  count = local.domain_count

  project = var.project_id
  name    = "${var.name}-redirect"
  url_map = google_compute_url_map.redirect[0].id
}

resource "google_compute_global_forwarding_rule" "redirect" {
  count = local.domain_count

  project               = var.project_id
  name                  = "${var.name}-redirect"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  labels                = var.labels
  ip_address            = google_compute_global_address.domain[0].id
  port_range            = "80"
  target                = google_compute_target_http_proxy.redirect[0].id
}
