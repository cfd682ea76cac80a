using Poolhouse.Core;
using Poolhouse.Server.Cognito;
using Poolhouse.Server.OAuth;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

public class ErrorTests
{
    public static TheoryData<Refusal> Refusals => [.. Enum.GetValues<Refusal>()];

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Every_refusal_has_words_on_both_wires(Refusal refusal)
    {
        Assert.EndsWith("Exception", CognitoErrors.Of(refusal, "about").Type, StringComparison.Ordinal);
        Assert.Matches("^[a-z_]+$", OAuthErrors.Of(refusal).Error);
    }
}
