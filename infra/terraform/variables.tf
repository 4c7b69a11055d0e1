# All variables are passed on to the module. memegen/variables.tf describes each one, checks its value and has
# its default. The module uses its default where the value here is null.

variable "project_id" {
  type        = string
  description = "The Google Cloud project that everything goes into. It must exist and have billing."
}

variable "region" {
  type    = string
  default = null
}

variable "name" {
  type     = string
  default  = "memegen" # the label needs it as well
  nullable = false
}

variable "labels" {
  type    = map(string)
  default = null
}

variable "force_destroy" {
  type    = bool
  default = null
}

variable "archive" {
  type    = string
  default = null
}

variable "public" {
  type    = bool
  default = null
}

variable "max_instances" {
  type    = number
  default = null
}

variable "uploaders" {
  type    = set(string)
  default = null
}

variable "readers" {
  type    = set(string)
  default = null
}

variable "report_topic" {
  type    = bool
  default = null
}

variable "notify_email" {
  type    = string
  default = null
}

variable "billing_account" {
  type    = string
  default = null
}

variable "monthly_budget" {
  type    = number
  default = null
}

variable "domain" {
  type    = string
  default = null
}

variable "requests_per_minute" {
  type    = number
  default = null
}

variable "uploads_per_minute" {
  type    = number
  default = null
}

variable "memory" {
  type    = string
  default = null
}

variable "cpu" {
  type    = number
  default = null
}

variable "api_memory" {
  type    = string
  default = null
}

variable "api_cpu" {
  type    = number
  default = null
}

variable "api_concurrency" {
  type    = number
  default = null
}

variable "min_instances" {
  type    = number
  default = null
}

variable "timeout_seconds" {
  type    = number
  default = null
}

variable "api_timeout_seconds" {
  type    = number
  default = null
}

variable "photo_days" {
  type    = number
  default = null
}

variable "meme_days" {
  type    = number
  default = null
}

variable "sent_gib_an_hour" {
  type    = number
  default = null
}

variable "domain_live" {
  type    = bool
  default = null
}

variable "hsts_include_subdomains" {
  type    = bool
  default = null
}

variable "kill_switch" {
  type    = bool
  default = null
}

variable "canary" {
  type    = bool
  default = null
}

variable "include_prefixes" {
  type    = set(string)
  default = null
}

variable "exclude_prefixes" {
  type    = set(string)
  default = null
}
