variable "project_id" {
  type        = string
  description = "The Google Cloud project that everything goes into. It must exist and have billing."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be a project's ID, 6 to 30 small letters, digits and hyphens, such as memes-4711; its name or number won't do."
  }
}

variable "repository" {
  type        = string
  description = "The folder of a checkout of MemeGen. Its page and its archive of the functions are deployed. By default it is the checkout that holds this module."
  default     = null

  validation {
    condition     = var.repository == null ? true : fileexists("${var.repository}/functions/memegen/contract.json")
    error_message = "repository must be the folder of a checkout of MemeGen; functions/memegen/contract.json isn't in it."
  }
}

variable "region" {
  type        = string
  description = "The region of the buckets, the functions and the trigger."
  default     = "europe-west1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region must be one region, such as europe-west1; multi-regions and zones won't do."
  }
}

variable "name" {
  type        = string
  description = "Every name starts with this, so that one project can hold several installations."
  default     = "memegen"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,14}[a-z0-9]$", var.name)) && !can(regex("goog", var.name))
    error_message = "name must be 2 to 16 small letters, digits and hyphens, start with a letter, not end with a hyphen, and not hold \"goog\", which Cloud Storage refuses."
  }
}

variable "force_destroy" {
  type        = bool
  description = "Whether terraform destroy also deletes what is in the buckets."
  default     = false
  nullable    = false
}

variable "archive" {
  type        = string
  description = "The name of an older archive in the source bucket, to roll back to it. By default the archive that make package built last is deployed."
  default     = null

  validation {
    condition     = var.archive == null || can(regex("^functions-[0-9a-f]{16}\\.zip$", var.archive))
    error_message = "archive must be the name of an archive in the source bucket, such as functions-0123456789abcdef.zip."
  }
}

variable "public" {
  type        = bool
  description = "Whether anyone may open the page and call the api. It must be false where a policy of the organisation forbids allUsers: see infra/README.md."
  default     = true
  nullable    = false
}

variable "max_instances" {
  type        = number
  description = "The largest number of instances of each function. It limits what a flood of requests can cost."
  default     = 10
  nullable    = false

  validation {
    condition     = var.max_instances >= 1 && var.max_instances <= 100 && floor(var.max_instances) == var.max_instances
    error_message = "max_instances must be a whole number from 1 to 100."
  }
}

variable "uploaders" {
  type        = set(string)
  description = "Who may put photos into the uploads bucket directly, for instance user:ann@example.com or serviceAccount:…"
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for member in var.uploaders : can(regex("^(user|group|serviceAccount|domain|principal|principalSet):\\S+$", member))])
    error_message = "uploaders must be principals such as user:ann@example.com, group:…, serviceAccount:… or domain:…; allUsers and allAuthenticatedUsers are refused."
  }
}

variable "readers" {
  type        = set(string)
  description = "Who may read all memes and reports directly, and subscribe to the report topic if there is one."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for member in var.readers : can(regex("^(user|group|serviceAccount|domain|principal|principalSet):\\S+$", member))])
    error_message = "readers must be principals such as user:ann@example.com, group:…, serviceAccount:… or domain:…; allUsers and allAuthenticatedUsers are refused."
  }
}

variable "report_topic" {
  type        = bool
  description = "Whether a Pub/Sub topic gets a message for each upload that is finished, with its name, generation and status."
  default     = false
  nullable    = false
}

variable "notify_email" {
  type        = string
  description = "The address that alerts and the budget's e-mails are sent to. Without one, they are only shown in the console."
  default     = null

  validation {
    condition     = var.notify_email == null || can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.notify_email))
    error_message = "notify_email must be one e-mail address."
  }
}

variable "billing_account" {
  type        = string
  description = "The billing account that the budget watches. Only monthly_budget needs it."
  default     = null

  validation {
    condition     = var.billing_account == null || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account))
    error_message = "billing_account must look like 012345-6789AB-CDEF01."
  }
}

variable "monthly_budget" {
  type        = number
  description = "The sum for a month, in the billing account's currency. E-mails are sent when the project's costs reach 50, 90 and 100 per cent of it. It stops nothing."
  default     = null

  validation {
    condition     = var.monthly_budget == null || try(var.monthly_budget >= 1 && floor(var.monthly_budget) == var.monthly_budget, false)
    error_message = "monthly_budget must be a whole number, 1 or more."
  }
  validation {
    condition     = var.monthly_budget == null || var.billing_account != null
    error_message = "monthly_budget needs billing_account, the account that it watches."
  }
}

variable "domain" {
  type        = string
  description = "Your own domain for the page, with api.<domain> for the api, behind a load balancer. Without it, there is no load balancer."
  default     = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain))
    error_message = "domain must be a bare domain name in small letters, such as memes.example.com, without https:// and without a path."
  }
}

variable "requests_per_minute" {
  type        = number
  description = "How many api requests one IP address may send in a minute. A page that waits for its meme sends about 60. Without a domain, each instance of the api counts separately."
  default     = 300
  nullable    = false

  validation {
    condition     = var.requests_per_minute >= 60 && var.requests_per_minute <= 10000 && floor(var.requests_per_minute) == var.requests_per_minute
    error_message = "requests_per_minute must be a whole number from 60 to 10000."
  }
}

variable "uploads_per_minute" {
  type        = number
  description = "How many photos one IP address may ask to upload in a minute. By default a fifth of requests_per_minute."
  default     = null

  validation {
    condition     = var.uploads_per_minute == null || try(var.uploads_per_minute >= 1 && floor(var.uploads_per_minute) == var.uploads_per_minute, false)
    error_message = "uploads_per_minute must be a whole number, 1 or more."
  }
  validation {
    condition     = var.uploads_per_minute == null || try(var.uploads_per_minute <= var.requests_per_minute, false)
    error_message = "uploads_per_minute must not be more than requests_per_minute, since asking for an upload is a request too."
  }
}

variable "labels" {
  type        = map(string)
  description = "Labels for everything that takes labels, beside those of the provider, for instance to tell the costs of two installations apart."
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))])
    error_message = "labels must have keys and values of at most 63 small letters, digits, _ and -, each key starting with a letter."
  }
}

variable "memory" {
  type        = string
  description = "The memory of an instance of on_upload or sweep. A photo needs up to 700 MiB."
  default     = "1Gi"
  nullable    = false

  validation {
    condition     = contains(["1Gi", "2Gi", "4Gi", "8Gi"], var.memory)
    error_message = "memory must be 1Gi, 2Gi, 4Gi or 8Gi; a photo can need 700 MiB."
  }
}

variable "cpu" {
  type        = number
  description = "The processors of an instance of on_upload or sweep. One photo uses one; 4Gi of memory need one, and 8Gi two."
  default     = 1
  nullable    = false

  validation {
    condition     = contains([1, 2, 4], var.cpu)
    error_message = "cpu must be 1, 2 or 4."
  }
  validation {
    condition     = var.cpu >= 2 || var.memory != "8Gi"
    error_message = "cpu must be at least 2 with 8Gi of memory."
  }
}

variable "api_memory" {
  type        = string
  description = "The memory of an instance of the api."
  default     = "1Gi"
  nullable    = false

  validation {
    condition     = contains(["512Mi", "1Gi", "2Gi", "4Gi"], var.api_memory)
    error_message = "api_memory must be 512Mi, 1Gi, 2Gi or 4Gi."
  }
}

variable "api_cpu" {
  type        = number
  description = "The processors of an instance of the api. More than one request at a time needs one at least."
  default     = 1
  nullable    = false

  validation {
    condition     = contains([1, 2, 4], var.api_cpu)
    error_message = "api_cpu must be 1, 2 or 4."
  }
}

variable "api_concurrency" {
  type        = number
  description = "How many requests an instance of the api answers at the same time."
  default     = 16
  nullable    = false

  validation {
    condition     = var.api_concurrency >= 1 && var.api_concurrency <= 100 && floor(var.api_concurrency) == var.api_concurrency
    error_message = "api_concurrency must be a whole number from 1 to 100."
  }
}

variable "min_instances" {
  type        = number
  description = "The least number of instances of on_upload and of the api that wait for work. One avoids cold starts and is paid for around the clock."
  default     = 0
  nullable    = false

  validation {
    condition     = var.min_instances >= 0 && var.min_instances <= 100 && floor(var.min_instances) == var.min_instances
    error_message = "min_instances must be a whole number from 0 to 100."
  }
  validation {
    condition     = var.min_instances <= var.max_instances
    error_message = "min_instances must not be more than max_instances."
  }
}

variable "timeout_seconds" {
  type        = number
  description = "After how long a try of on_upload is broken off and repeated."
  default     = 120
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 60 && var.timeout_seconds <= 540 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds must be a whole number from 60 to 540: storage may be tried for 40 seconds, and the event system waits for ten minutes."
  }
}

variable "api_timeout_seconds" {
  type        = number
  description = "After how long the api breaks a request off."
  default     = 60
  nullable    = false

  validation {
    condition     = var.api_timeout_seconds >= 45 && var.api_timeout_seconds <= 300 && floor(var.api_timeout_seconds) == var.api_timeout_seconds
    error_message = "api_timeout_seconds must be a whole number from 45 to 300: storage may be tried for 40 seconds."
  }
}

variable "photo_days" {
  type        = number
  description = "After how many days photos are deleted. They must outlive the 20 hours for which processing is tried."
  default     = 1
  nullable    = false

  validation {
    condition     = var.photo_days >= 1 && var.photo_days <= 30 && floor(var.photo_days) == var.photo_days
    error_message = "photo_days must be a whole number from 1 to 30."
  }
}

variable "meme_days" {
  type        = number
  description = "After how many days memes and reports are deleted. They must outlive their photos."
  default     = 7
  nullable    = false

  validation {
    condition     = var.meme_days >= 2 && var.meme_days <= 365 && floor(var.meme_days) == var.meme_days
    error_message = "meme_days must be a whole number from 2 to 365."
  }
  validation {
    condition     = var.meme_days > var.photo_days
    error_message = "meme_days must be more than photo_days: a photo without a report would be taken for one that was missed."
  }
}

variable "sent_gib_an_hour" {
  type        = number
  description = "How many GiB the buckets of memes and of the page, or the domain, may send in an hour before an alert tells of it. At 0.12 dollars a GiB, 10 GiB cost 1.20 dollars."
  default     = 10
  nullable    = false

  validation {
    condition     = var.sent_gib_an_hour > 0
    error_message = "sent_gib_an_hour must be more than 0."
  }
}

variable "domain_live" {
  type        = bool
  description = "Whether the domain answers: its A records hold domain_address and its certificate is active. Only then does the page at the domain replace the one in the bucket."
  default     = false
  nullable    = false
}

variable "hsts_include_subdomains" {
  type        = bool
  description = "Whether browsers must use https for every name under the domain, for a year and also for what is not MemeGen. It can not be taken back sooner."
  default     = false
  nullable    = false
}

variable "kill_switch" {
  type        = bool
  description = "Whether the api is closed once the month's budget is spent. Budgets lag by hours, so this bounds nothing: see infra/README.md."
  default     = false
  nullable    = false

  validation {
    condition     = !var.kill_switch || var.monthly_budget != null
    error_message = "kill_switch needs monthly_budget, at which it closes the api."
  }
}

variable "canary" {
  type        = bool
  description = "Whether a drawn face goes the whole way every quarter of an hour, and an alert tells when it fails."
  default     = false
  nullable    = false

  validation {
    condition     = !var.canary || var.public
    error_message = "canary needs public: it asks the api as everybody does."
  }
}

variable "include_prefixes" {
  type        = set(string)
  description = "How the names of direct uploads begin that become memes; all of them if there is none. The page's are always made."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for prefix in var.include_prefixes : prefix != "" && !startswith(prefix, "web/")])
    error_message = "include_prefixes must be beginnings of names, such as photos/; an empty one, and web/, the page's own, won't do."
  }
}

variable "exclude_prefixes" {
  type        = set(string)
  description = "How the names of direct uploads begin that are left alone, also where include_prefixes takes them."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for prefix in var.exclude_prefixes : prefix != "" && !startswith(prefix, "web/")])
    error_message = "exclude_prefixes must be beginnings of names, such as photos/; an empty one, and web/, the page's own, won't do."
  }
}
