using SoftSwitch.Model;
using SoftSwitch.State;

namespace SoftSwitch.Api.Events;

/// <summary>Another configuration runs.</summary>
internal sealed class ConfigTopic : IEventTopic
{
    private SwitchModel? _known;

    public void Look(SwitchSnapshot snapshot, Action<EventView> tell)
    {
        if (_known is not null && !ReferenceEquals(_known, snapshot.Model))
            tell(new(EventTopics.Config, EventView.Changed, "another configuration runs: softswitch show config"));
        _known = snapshot.Model;
    }
}
