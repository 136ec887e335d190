"""`ai_task.examiner`: finds every room tidy (level 3 of 0-4), or fails. What it was asked is in its attributes.

Action: `ai_examiner.behave {failing}`. Versions of Home Assistant that do not evaluate get no entity.
"""

import hashlib

from homeassistant.components import ai_task
from homeassistant.exceptions import HomeAssistantError

EVALUATE = getattr(ai_task.AITaskEntityFeature, "EVALUATE", None)


class Examiner(ai_task.AITaskEntity):
    _attr_name = "Examiner"
    _attr_unique_id = "ai_examiner"
    failing = False

    def __init__(self):
        self.entity_id = "ai_task.examiner"
        self._attr_supported_features = EVALUATE | ai_task.AITaskEntityFeature.SUPPORT_ATTACHMENTS
        self._attr_extra_state_attributes = {"asked": 0, "pictures": []}

    async def _async_evaluate(self, task):
        def read():
            return [hashlib.sha256(attachment.path.read_bytes()).hexdigest() for attachment in task.attachments]

        pictures = await self.hass.async_add_executor_job(read)
        asked = self._attr_extra_state_attributes["asked"] + 1
        self._attr_extra_state_attributes = {"asked": asked, "pictures": pictures}
        self.async_write_ha_state()
        if self.failing:
            raise HomeAssistantError("Error evaluating OpenAI task: it was told to fail")
        levels = len(task.questions["tidy"]["criteria"])
        probabilities = [float(level == 3) for level in range(levels)]
        return ai_task.EvaluationTaskResult(answers={"tidy": ai_task.ScoreAnswer(score=3.0, probabilities=probabilities)})


async def async_setup_entry(hass, entry, async_add_entities):
    if EVALUATE is None:
        return
    examiner = Examiner()
    async_add_entities([examiner])

    async def behave(call):
        examiner.failing = call.data["failing"]

    hass.services.async_register("ai_examiner", "behave", behave)
