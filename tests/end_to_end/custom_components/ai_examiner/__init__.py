"""An AI Task entity that evaluates and does nothing else, as OpenAI's integration has one; see `ai_task`."""


async def async_setup_entry(hass, entry):
    await hass.config_entries.async_forward_entry_setups(entry, ["ai_task"])
    return True


async def async_unload_entry(hass, entry):
    return await hass.config_entries.async_unload_platforms(entry, ["ai_task"])
