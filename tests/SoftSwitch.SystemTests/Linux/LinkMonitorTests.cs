using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;

namespace SoftSwitch.SystemTests.Linux;

public class LinkMonitorTests
{
    [Fact]
    public void News_of_an_interface_come_in_order_and_end_with_its_removal()
    {
        using var sandbox = Sandbox.Make();
        using var monitor = new LinkMonitor(sandbox.Namespace);
        var events = new List<LinkEvent>();
        Assert.True(monitor.Read(events));
        Assert.Empty(events);
        var index = sandbox.Links.CreateVethPair("a", null, "b", null).Index;
        sandbox.Links.SetUp(index);
        sandbox.Links.Delete(index);
        Assert.True(monitor.Read(events));
        var ours = events.Where(e => e.Link.Index == index).ToList();
        Assert.Equal(LinkEventKind.Changed, ours[0].Kind);
        Assert.Contains(ours, e => e.Link.IsUp);
        Assert.Equal(LinkEventKind.Removed, ours[^1].Kind);
    }

    [Fact]
    public void An_interface_that_leaves_the_namespace_is_removed_from_it()
    {
        using var sandbox = Sandbox.Make();
        using var other = NetworkNamespace.CreateUnnamed();
        var index = sandbox.Links.CreateVethPair("a", null, "b", null).Index;
        using var monitor = new LinkMonitor(sandbox.Namespace);
        sandbox.Links.MoveTo(index, other);
        var events = new List<LinkEvent>();
        monitor.Read(events);
        Assert.Contains(events, e => e.Kind == LinkEventKind.Removed && e.Link.Index == index);
    }

    [Fact]
    public void More_news_than_fit_are_told_as_lost()
    {
        using var sandbox = Sandbox.Make();
        using var monitor = new LinkMonitor(sandbox.Namespace);
        var index = sandbox.Links.CreateVethPair("a", null, "b", null).Index;
        for (var i = 0; i < 1000; i++)
            sandbox.Links.SetMtu(index, 1400 + (i & 1));
        var events = new List<LinkEvent>();
        Assert.False(monitor.Read(events));
        sandbox.Links.Delete(index);
        events.Clear();
        Assert.True(monitor.Read(events));
        Assert.Contains(events, e => e.Kind == LinkEventKind.Removed);
    }
}
