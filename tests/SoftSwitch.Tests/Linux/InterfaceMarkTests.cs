using SoftSwitch.Linux.Endpoints;

namespace SoftSwitch.Tests.Linux;

public sealed class InterfaceMarkTests
{
    private static readonly InterfaceMark s_mark = new("1a2b3c4d", 2);

    [Fact]
    public void A_mark_is_read_as_it_was_written_and_is_of_all_numbers_of_its_switch()
    {
        Assert.Equal(s_mark, InterfaceMark.Read(s_mark.Alias));
        Assert.True(s_mark.IsOurs(s_mark.Alias));
        Assert.True(s_mark.IsOurs((s_mark with { Number = 7 }).Alias));
        Assert.False(s_mark.IsOurs((s_mark with { Switch = "1a2b3c4e" }).Alias));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("softswitch")]
    [InlineData("softswitch 1a2b3c4d")]
    [InlineData("softswitch 1a2b3c4d -1")]
    [InlineData("softswitch 1a2b3c4d 2 more")]
    [InlineData("web server of the softswitch 1a2b3c4d 2")]
    public void Any_other_alias_is_none(string? alias)
    {
        Assert.Null(InterfaceMark.Read(alias));
        Assert.False(s_mark.IsOurs(alias));
    }
}
