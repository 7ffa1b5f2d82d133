using SoftSwitch.Linux.Netlink;

namespace SoftSwitch.SystemTests.Linux;

public class LinkWatchTests
{
    [Fact]
    public void Each_watcher_is_told_once_how_its_own_interface_is_now()
    {
        using var sandbox = Sandbox.Make();
        var site = new Site();
        var (first, second) = (Make(sandbox, "a"), Make(sandbox, "b"));
        var (ofFirst, ofSecond) = (new List<LinkInfo?>(), new List<LinkInfo?>());
        using var one = site.Endpoint.Links.Watch(sandbox.Namespace, sandbox.Links, first, ofFirst.Add);
        using var other = site.Endpoint.Links.Watch(sandbox.Namespace, sandbox.Links, second, ofSecond.Add);
        sandbox.Links.SetUp(first);
        sandbox.Links.SetMtu(first, 1400);
        site.ReadNews();
        Assert.Empty(ofSecond);
        Assert.Equal((first, true, 1400), (Assert.Single(ofFirst)!.Index, ofFirst[0]!.IsUp, ofFirst[0]!.Mtu));
        sandbox.Links.Delete(second);
        site.ReadNews();
        Assert.Null(Assert.Single(ofSecond));
        Assert.Single(ofFirst);
    }

    [Fact]
    public void Where_news_was_lost_the_interface_is_asked_for()
    {
        using var sandbox = Sandbox.Make();
        var site = new Site();
        var index = Make(sandbox, "a");
        var heard = new List<LinkInfo?>();
        using var watch = site.Endpoint.Links.Watch(sandbox.Namespace, sandbox.Links, index, heard.Add);
        for (var i = 0; i < 1001; i++)
            sandbox.Links.SetMtu(index, 1400 + (i & 1));
        sandbox.Links.SetMtu(index, 1300);
        site.ReadNews();
        Assert.Equal(1300, Assert.Single(heard)!.Mtu);
    }

    [Fact]
    public void Who_leaves_hears_nothing_more_also_in_the_middle_of_a_batch()
    {
        using var sandbox = Sandbox.Make();
        var site = new Site();
        var index = Make(sandbox, "a");
        var told = 0;
        var watches = new List<IDisposable>();
        for (var i = 0; i < 2; i++)
        {
            watches.Add(site.Endpoint.Links.Watch(sandbox.Namespace, sandbox.Links, index, _ =>
            {
                told++;
                watches.ForEach(watch => watch.Dispose());
            }));
        }
        sandbox.Links.SetUp(index);
        site.ReadNews();
        Assert.Equal(1, told);
        Assert.Equal(0, site.Watched);
    }

    [Fact]
    public void What_one_watcher_throws_costs_no_other_his_news()
    {
        using var sandbox = Sandbox.Make();
        var site = new Site();
        var index = Make(sandbox, "a");
        var heard = new List<LinkInfo?>();
        void Throw(LinkInfo? link) => throw new InvalidDataException("planted");
        using var first = site.Endpoint.Links.Watch(sandbox.Namespace, sandbox.Links, index, Throw);
        using var watch = site.Endpoint.Links.Watch(sandbox.Namespace, sandbox.Links, index, heard.Add);
        using var last = site.Endpoint.Links.Watch(sandbox.Namespace, sandbox.Links, index, Throw);
        sandbox.Links.SetUp(index);
        site.ReadNews();
        Assert.Single(heard);
        Assert.Equal(["planted", "planted"], site.Failed.Select(e => e.Message));
    }

    private static int Make(Sandbox sandbox, string name) => sandbox.Links.CreateVethPair(name, null, name + "-peer", null).Index;
}
