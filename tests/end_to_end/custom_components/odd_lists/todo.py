"""A list with any set of features, which drops ticked items if told to, and can be away, slow, failing or deaf on command.

Actions: `odd_lists.create {list, features, drops}`, `odd_lists.behave {list, …}` with any of the attributes of `OddList`'s
beginning, `odd_lists.delete {list}`; `list` is the part of the entity id after `todo.`.
"""

import asyncio
import dataclasses
import uuid

from homeassistant.components.todo import TodoItem, TodoItemStatus, TodoListEntity, TodoListEntityFeature
from homeassistant.exceptions import HomeAssistantError


class OddList(TodoListEntity):
    _attr_should_poll = False
    # What a test may command.
    drops = False  # a ticked item is no longer listed
    away = False  # unavailable
    slow = 0.0  # seconds before each change
    failing = False  # each change is an error
    deaf = False  # each change is a success, and nothing happens

    def __init__(self, name, features, drops):
        self.entity_id = f"todo.{name}"
        self._attr_name = name.replace("_", " ").title()
        self._attr_supported_features = TodoListEntityFeature(features)
        self._attr_todo_items = []
        self.drops = drops

    @property
    def available(self):
        return not self.away

    async def _change(self, items):
        """`items` makes the new items of the old ones."""
        await asyncio.sleep(self.slow)
        if self.failing:
            raise HomeAssistantError("odd_lists was told to fail")
        if not self.deaf:
            self._attr_todo_items = [item for item in items(list(self._attr_todo_items)) if not (self.drops and item.status == TodoItemStatus.COMPLETED)]
            self.async_write_ha_state()

    async def async_create_todo_item(self, item):
        new = dataclasses.replace(item, uid=uuid.uuid4().hex, status=TodoItemStatus.NEEDS_ACTION)
        await self._change(lambda items: [*items, new])

    async def async_update_todo_item(self, item):
        await self._change(lambda items: [item if old.uid == item.uid else old for old in items])

    async def async_delete_todo_items(self, uids):
        await self._change(lambda items: [item for item in items if item.uid not in uids])

    async def async_move_todo_item(self, uid, previous_uid=None):
        def moved(items):
            (item,) = [item for item in items if item.uid == uid]
            items.remove(item)
            place = next((number + 1 for number, other in enumerate(items) if other.uid == previous_uid), 0)
            return [*items[:place], item, *items[place:]]

        await self._change(moved)


async def async_setup_platform(hass, config, async_add_entities, discovery_info=None):
    lists = {}

    async def create(call):
        name = call.data["list"]
        lists[name] = OddList(name, call.data.get("features", 127), call.data.get("drops", False))
        async_add_entities([lists[name]])

    async def behave(call):
        entity = lists[call.data["list"]]
        for what, value in call.data.items():
            if what != "list":
                setattr(entity, what, value)
        entity.async_write_ha_state()

    async def delete(call):
        await lists.pop(call.data["list"]).async_remove(force_remove=True)

    hass.services.async_register("odd_lists", "create", create)
    hass.services.async_register("odd_lists", "behave", behave)
    hass.services.async_register("odd_lists", "delete", delete)
