using SoftSwitch.Model;

namespace SoftSwitch.Tests.Live;

/// <summary>What was said at run time and is what the file says hides nothing of it; what does hide something is told.</summary>
public sealed class BesideTheFileTests
{
    [Fact]
    public async Task A_port_that_is_up_again_is_the_files()
    {
        await using var live = await LiveFixture.Start();
        Assert.Equal(0, (await live.Run("port", "down", "vm2")).Status);
        Assert.Equal("~ port vm2: admin: down → up\n", (await live.Run("port", "up", "vm2")).Output);
        Assert.Empty((await live.Ask("GET", "v1/run-time")).Answer!["items"]!.AsArray());
        live.Write(LiveFixture.TwoGuests.Replace("comment: \"second\"", "admin: down"));
        Assert.Equal(0, (await live.Run("reload")).Status);
        Assert.Equal(AdminState.Down, live.Switch.Model.Ports[1].Admin);
        // One that the file has down can be set up all the same, and stays so.
        Assert.Equal("~ port vm2: admin: down → up\n", (await live.Run("port", "up", "vm2")).Output);
        await live.Restart();
        Assert.Equal(AdminState.Up, live.Switch.Model.Ports[1].Admin);
        Assert.Contains("vm2: { network: dev, kind: guest }", (await live.Run("config", "save", "--dry-run")).Output);
    }

    /// <summary>Key by key: the others of the port still hide something.</summary>
    [Theory]
    [InlineData("""{"comment":"second","mtu":"1400"}""")]
    [InlineData("""{"flood-limit":null,"mtu":"1400"}""")]
    [InlineData("""{"guard":null,"comment":"second","mtu":"1400"}""")]
    public async Task A_key_that_says_what_the_file_does_is_not_kept(string keys)
    {
        await using var live = await LiveFixture.Start();
        await live.Ask("PATCH", "v1/ports/vm2", keys, ifMatch: "*");
        Assert.Equal("""{"mtu":"1400"}""", (string?)(await live.Ask("GET", "v1/run-time")).Answer!["items"]![0]!["keys"]);
    }

    /// <summary>By a reload and by a start.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_key_that_the_file_has_come_to_say_is_not_kept(bool byStart)
    {
        await using var live = await LiveFixture.Start();
        await live.Ask("PATCH", "v1/ports/vm2", """{"comment":"third","mtu":"1400"}""", ifMatch: "*");
        live.Write(LiveFixture.TwoGuests.Replace("second", "third"));
        if (byStart)
            await live.Restart();
        else
            await live.Ask("POST", "v1/reload");
        Assert.Equal("""{"mtu":"1400"}""", (string?)(await live.Ask("GET", "v1/run-time")).Answer!["items"]![0]!["keys"]);
    }

    [Fact]
    public async Task A_reload_names_what_is_not_as_the_file_has_it()
    {
        await using var live = await LiveFixture.Start();
        await live.Run("port", "add", "vm3", "--network", "dev", "--kind", "guest");
        Assert.Equal("", (await live.Run("reload")).Error);
        await live.Run("port", "set", "vm2", "--mtu", "1400");
        await live.Run("port", "remove", "vm1");
        live.Write(LiveFixture.TwoGuests.Replace("comment", "mtu: 1300, comment"));
        var told = await live.Run("reload");
        Assert.Equal((0, "softswitch: not as the file has it, since it was changed at run time: port vm1, port vm2 "
            + "(see: softswitch show run-time)\n"), (told.Status, told.Error));
        Assert.Equal(1400, live.Switch.Model.Ports[0].Mtu);
    }
}
