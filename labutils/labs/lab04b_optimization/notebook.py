# %% [markdown]
# stub
