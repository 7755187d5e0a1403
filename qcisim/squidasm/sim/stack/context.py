"""Names and ids of the nodes of the run that is going on."""

from __future__ import annotations

from netqasm.sdk.network import NetworkInfo

from qcisim.stack import current

__all__ = ["NetSquidContext", "NetSquidNetworkInfo"]


class NetSquidContext:
    """The nodes of the run that is going on."""

    @classmethod
    def get_nodes(cls) -> dict[int, str]:
        """Names by id."""
        machine = current.machine()
        return {} if machine is None else {node.number: name for name, node in machine.nodes.items()}


class NetSquidNetworkInfo(NetworkInfo):  # type: ignore[misc]
    """The same, as netqasm asks for it."""

    @classmethod
    def _get_node_id(cls, node_name: str) -> int:
        for number, name in NetSquidContext.get_nodes().items():
            if name == node_name:
                return number
        raise ValueError(f"there is no node '{node_name}'")

    @classmethod
    def _get_node_name(cls, node_id: int) -> str:
        return NetSquidContext.get_nodes()[node_id]

    @classmethod
    def get_node_id_for_app(cls, app_name: str) -> int:
        """The id of a node."""
        return cls._get_node_id(node_name=app_name)

    @classmethod
    def get_node_name_for_app(cls, app_name: str) -> str:
        """Programs are named after their nodes."""
        return app_name
